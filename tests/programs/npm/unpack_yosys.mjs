// Writes the file tree that @yowasp/yosys carries in a JavaScript module: node unpack_yosys.mjs PACKAGE_DIRECTORY OUTPUT_DIRECTORY
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [packageDirectory, output] = process.argv.slice(2);

// A directory is an object, a file is a string, bytes, or the URL of a file of the package.
function write(node, at) {
  if (node instanceof URL) {
    fs.copyFileSync(fileURLToPath(node), at);
  } else if (typeof node === 'string' || node instanceof Uint8Array) {
    fs.writeFileSync(at, node);
  } else {
    fs.mkdirSync(at, { recursive: true });
    for (const [name, child] of Object.entries(node)) write(child, path.join(at, name));
  }
}

const resources = await import(pathToFileURL(path.join(path.resolve(packageDirectory), 'gen/resources-yosys.js')));
write(resources.filesystem, output);
