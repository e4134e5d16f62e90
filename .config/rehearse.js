// Goes the way of a command once, with a server of our own that says what a Postgres would and has one partner to list, and
// keeps what V8 compiled of a script on it: bin/revshare.js hands that to V8 again. Another V8 refuses it and compiles the text.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';

const [shipped, ...argv] = process.argv.slice(2);
const applied = JSON.parse(shipped).map((migration, index) => ({ position: index, ...migration }));
const scene = mkdtempSync(join(tmpdir(), 'revshare-rehearsal-'));
const server = createServer(answer).listen(join(scene, '.s.PGSQL.5432'));
server.unref();
process.env.DATABASE_URL = `postgres://nobody@/nowhere?host=${encodeURIComponent(scene)}`;
process.argv.splice(1, Infinity, 'revshare', ...argv);

// Code that has not run for a while would be thrown away again.
setFlagsFromString('--no-flush-bytecode');
const scripts = new Map();
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    if (options.cachedData === undefined) scripts.set(options.filename, this);
  }
};
process.on('exit', (code) => {
  // The flags in force are written down with it, and others than a start's would be refused.
  setFlagsFromString('--flush-bytecode');
  for (const [filename, script] of code === 0 ? scripts : []) {
    writeFileSync(`${filename}.part`, script.createCachedData());
    renameSync(`${filename}.part`, `${filename}.v8`);
  }
  rmSync(scene, { recursive: true });
});
createRequire(import.meta.url)('../bin/revshare.js');

/** What a Postgres says to a session's first question (src/db/session.ts), and of partners a row of as many columns as are asked. */
function answer(socket) {
  const ready = message('Z', 'I');
  const [columns, value, end] = row(
    Object.fromEntries(Array.from({ length: 60 }, (_, place) => [`column_${place}`, '1'])),
  );
  const listed = argv[0] === 'partner' ? [value, end] : [end];
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
            ...row({ ...identity, superuser: false, owner: false }),
            ...row({ applied: JSON.stringify(applied), zone: 'UTC' }),
            ready,
          ]),
        );
      } else if (kind === 'P') socket.write(Buffer.concat([message('1'), message('t', int16(0)), columns]));
      else if (kind === 'B') socket.write(Buffer.concat([message('2'), ...listed, ready]));
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
  return [
    message('T', Buffer.concat([int16(fields.length), ...fields])),
    message('D', Buffer.concat([int16(texts.length), ...texts.flatMap((text) => [int32(text.length), text])])),
    message('C', 'SELECT 1\0'),
  ];
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
