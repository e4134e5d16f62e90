// Goes the way of every list once, with a server of our own that says what a Postgres would, and keeps what V8 compiled on
// it: bin/revshare.js hands that to V8 again. Another V8 refuses it and compiles the text.
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const filename = resolve('dist/revshare.js');
const applied = JSON.parse(process.argv[2]).map((migration, index) => ({ position: index, ...migration }));
const scene = mkdtempSync(join(tmpdir(), 'revshare-rehearsal-'));
const server = createServer(answer).listen(join(scene, '.s.PGSQL.5432'));
try {
  // Code that has not run for a while would be thrown away again.
  setFlagsFromString('--no-flush-bytecode');
  const script = new Script(readFileSync(filename, 'latin1'), { filename });
  const bundled = { exports: {} };
  process.env.DATABASE_URL = `postgres://nobody@/nowhere?host=${encodeURIComponent(scene)}`;
  script.runInThisContext()(bundled.exports, createRequire(filename), bundled, pathToFileURL(filename).href);
  process.stderr.write(String(await bundled.exports.run(['partner', 'list'])) + '\n');
  // The flags in force are written down with it, and others than a start's would be refused.
  setFlagsFromString('--flush-bytecode');
  writeFileSync(`${filename}.part`, script.createCachedData());
  renameSync(`${filename}.part`, `${filename}.v8`);
} finally {
  server.close();
  rmSync(scene, { recursive: true });
}

/** What a Postgres says to a session's first question (src/db/session.ts), and that there is nothing to list. */
function answer(socket) {
  const ready = message('Z', 'I');
  let greeted = false;
  socket.on('data', (data) => {
    if (!greeted) {
      greeted = true;
      socket.write(Buffer.concat([message('R', int32(0)), ready]));
      return;
    }
    for (let at = 0; at < data.length; at += 1 + data.readInt32BE(at + 1)) {
      const kind = String.fromCharCode(data[at]);
      if (kind === 'Q') {
        const identity = { actor: 'nobody', database: 'nowhere', version: 180000, there: true, may_use: true };
        socket.write(
          Buffer.concat([
            row({ ...identity, superuser: false, owner: false }),
            row({ applied: JSON.stringify(applied), zone: 'UTC' }),
            ready,
          ]),
        );
      } else if (kind === 'P') socket.write(Buffer.concat([message('1'), message('t', int16(0)), message('n')]));
      else if (kind === 'B') socket.write(Buffer.concat([message('2'), message('C', 'SELECT 0\0'), ready]));
      else if (kind === 'X') socket.end();
    }
  });
  socket.on('error', () => {});
}

function row(values) {
  const types = { boolean: 16, number: 23, string: 25 };
  const fields = Object.entries(values).map(([name, value]) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(name === 'applied' ? 114 : types[typeof value]),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const texts = Object.values(values).map((value) =>
    Buffer.from(value === true ? 't' : value === false ? 'f' : `${value}`),
  );
  return Buffer.concat([
    message('T', Buffer.concat([int16(fields.length), ...fields])),
    message('D', Buffer.concat([int16(texts.length), ...texts.flatMap((text) => [int32(text.length), text])])),
    message('C', 'SELECT 1\0'),
  ]);
}

function message(kind, body = '') {
  const content = Buffer.from(body);
  return Buffer.concat([Buffer.from(kind), int32(content.length + 4), content]);
}

function int32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value) {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
