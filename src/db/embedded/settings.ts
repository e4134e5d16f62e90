/**
 * How an embedded cluster is set up when it is made. The figures behind the choices are in the comments; a person may
 * change the file afterwards and we never write it again. What protects the data (no TCP, a private socket) is given
 * on the command line at every start instead, where no edit can lose it.
 */
import { statfsSync } from 'node:fs';

/** Lines for the end of postgresql.conf, where they win over initdb's. */
export function configuration(): string {
  return `
# revshare: a small machine's settings, written once when the database was made. Yours to change.
# fsync, full_page_writes and synchronous_commit stay on: a posted cent survives a power cut.
fsync = on
full_page_writes = on
synchronous_commit = on
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
# Few checkpoints during a big import: each one makes the next touch of every page cost a full image in the log.
max_wal_size = 2GB
min_wal_size = 128MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
wal_compression = on
# Plans here are short and many; compiling them costs more than it saves.
jit = off
random_page_cost = 1.1
dynamic_shared_memory_type = ${sharedMemoryType()}
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
cluster_name = 'revshare'
`;
}

/**
 * Who may connect: whoever reaches the socket, which means whoever may enter its directory (mode 0700). There is no
 * line for TCP, and none for replication.
 */
export const HOST_BASED_AUTHENTICATION = `# revshare: the socket's directory, mode 0700, is the lock; nothing listens on TCP.
# TYPE  DATABASE  USER  METHOD
local   all       all   trust
`;

/** Settings given at every start. Simple words without quotes, so that no shell can read them otherwise. */
export function startOptions(port: number): string {
  return `-c listen_addresses= -c port=${port} -c unix_socket_permissions=0700`;
}

/**
 * Parallel queries share memory through /dev/shm, and containers get 64 MB of it by default, too little for one hash
 * join; files in the data directory are slower and never run out first.
 */
function sharedMemoryType(): 'posix' | 'mmap' {
  try {
    const { bsize, blocks } = statfsSync('/dev/shm');
    return bsize * blocks >= 512 * 1024 * 1024 ? 'posix' : 'mmap';
  } catch {
    return process.platform === 'linux' ? 'mmap' : 'posix';
  }
}
