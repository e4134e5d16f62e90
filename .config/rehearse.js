// Goes the way of every list once, as far as a server that is not there, and keeps what V8 compiled on it: bin/revshare.js
// hands that to V8 again. Another V8 refuses it and compiles the text.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

const filename = resolve('dist/revshare.js');
// Code that has not run for a while would be thrown away again.
setFlagsFromString('--no-flush-bytecode');
const script = new Script(readFileSync(filename, 'latin1'), { filename });
const bundled = { exports: {} };
script.runInThisContext()(bundled.exports, createRequire(filename), bundled, pathToFileURL(filename).href);
await bundled.exports.run(['partner', 'list']);
// The flags in force are written down with it, and others than a start's would be refused.
setFlagsFromString('--flush-bytecode');
writeFileSync(`${filename}.part`, script.createCachedData());
renameSync(`${filename}.part`, `${filename}.v8`);
process.exitCode = 0;
