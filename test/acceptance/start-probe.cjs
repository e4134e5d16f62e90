// Required before the tool: writes down, as the process ends, what a start loaded.
'use strict';
const fs = require('node:fs');
const before = new Set(process.moduleLoadList);
const files = [];
const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => {
  files.push(String(path));
  return readFileSync(path, ...rest);
};
const vm = require('node:vm');
let compiled = null;
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    if (options.cachedData !== undefined) compiled = !this.cachedDataRejected;
  }
};
process.on('exit', () => {
  const builtins = process.moduleLoadList
    .filter((name) => name.startsWith('NativeModule ') && !before.has(name))
    .map((name) => name.slice('NativeModule '.length));
  fs.writeFileSync(process.env.REPORT, JSON.stringify({ builtins, files, compiled }));
});
