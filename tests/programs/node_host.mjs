// Runs a WASI program under Node with the options of `wasmc run`, for references:
// node node_host.mjs [--dir=HOST::GUEST]… [--env=K=V]… [--invoke-status] FILE ARGS…
import fs from 'node:fs';
import path from 'node:path';
import { WASI } from 'node:wasi';

const rest = process.argv.slice(2);
const preopens = {}, env = {};
while (rest[0]?.startsWith('--')) {
  const [, option, value] = rest.shift().match(/^--(dir|env)=(.*)$/s);
  if (option === 'dir') {
    const [host, guest] = value.split('::');
    preopens[guest ?? host] = host;
  } else {
    env[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1);
  }
}
const [file, ...args] = rest;
const wasi = new WASI({ version: 'preview1', args: [path.basename(file), ...args], env, preopens });
const module = await WebAssembly.compile(fs.readFileSync(file));
try {
  process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
} catch (error) {
  console.error(error.message);
  process.exitCode = 134;
}
