// Holds the import rules over all sources: node scripts/imports/check.ts. File cycles are the linter's.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf } from './imports-of.ts';
import { judge } from './judge.ts';
import { unusedDependencies } from './unused.ts';
import { readWorkspace } from './workspace.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const packages = readWorkspace(root);
const files = globSync('{packages,services,examples}/*/{src,test}/**/*.ts', { cwd: root }).concat(
  globSync('{e2e,bench,scripts,examples}/**/*.{ts,mjs}', { cwd: root, exclude: ['**/node_modules', '**/dist'] }),
);

let violations = 0;
const imports: { file: string; specifier: string }[] = [];
for (const file of new Set(files.map((path) => path.replaceAll('\\', '/')))) {
  for (const { specifier, line } of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
    imports.push({ file, specifier });
    const complaint = judge(packages, file, specifier);
    if (complaint === undefined) continue;
    violations++;
    console.error(`${file}:${line}  ${specifier}: ${complaint}`);
  }
}
for (const { folder, dependency } of unusedDependencies(packages, imports)) {
  violations++;
  console.error(`${folder}/package.json  ${dependency}: no file of the package imports it`);
}
console.log(`${files.length} files, ${violations} violations`);
process.exitCode = violations === 0 && files.length > 0 ? 0 : 1;
