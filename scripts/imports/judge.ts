import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { CORE_MAY_IMPORT, LAYERS, TEST_ONLY } from './layers.ts';
import { ownerOf, type WorkspacePackage } from './workspace.ts';

const TEST_FILE = /\.test\.(ts|mjs)$|^(packages|services)\/[^/]+\/test\//;
const OUTSIDE_LAYERS = /^(e2e|bench|examples)(\/|$)|^\.$/;

/** Says what is wrong with `specifier` in `file` (relative to the project), or nothing. */
export function judge(packages: readonly WorkspacePackage[], file: string, specifier: string): string | undefined {
  const owner = ownerOf(packages, file);
  if (owner === undefined) return 'belongs to no package';
  const isTest = TEST_FILE.test(file);
  if (specifier.startsWith('.')) return judgePath(packages, owner, file, specifier);
  if (isBuiltin(specifier)) return judgeBuiltin(owner, isTest, specifier);
  return judgeDeclaration(packages, owner, isTest, specifier) ?? judgePackage(packages, owner, isTest, specifier);
}

function judgePath(
  packages: readonly WorkspacePackage[],
  owner: WorkspacePackage,
  file: string,
  specifier: string,
): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (ownerOf(packages, target) !== owner) return `${target} is another package's: import it by the package's name`;
  if (!/\.(ts|mjs|json)$/.test(target)) return 'files of one package are imported with their extension';
  return undefined;
}

function judgeBuiltin(owner: WorkspacePackage, isTest: boolean, specifier: string): string | undefined {
  if (!specifier.startsWith('node:')) return `write node:${specifier}`;
  if (!isTest && LAYERS[owner.folder]?.nodeModules === false) return `${owner.folder} runs anywhere: no module of Node`;
  return undefined;
}

/** Sources may use what is installed with the package; tests also what is there for development, here or at the top. */
function judgeDeclaration(
  packages: readonly WorkspacePackage[],
  owner: WorkspacePackage,
  isTest: boolean,
  specifier: string,
): string | undefined {
  const name = packageName(specifier);
  if (name === owner.name || owner.dependencies.has(name)) return undefined;
  if (isTest && packages.some(({ folder, devDependencies }) => folder === '.' && devDependencies.has(name)))
    return undefined;
  if (!owner.devDependencies.has(name)) return `${name} is not in ${posix.join(owner.folder, 'package.json')}`;
  return isTest || OUTSIDE_LAYERS.test(owner.folder) ? undefined : `${name} is a development dependency`;
}

function judgePackage(
  packages: readonly WorkspacePackage[],
  owner: WorkspacePackage,
  isTest: boolean,
  specifier: string,
): string | undefined {
  const target = packages.find(({ name }) => name === packageName(specifier));
  if (target !== undefined && !target.entries.includes(specifier)) return `${target.name} does not export it`;
  if (isTest || target === owner || OUTSIDE_LAYERS.test(owner.folder)) return undefined;
  const layer = LAYERS[owner.folder];
  if (layer === undefined) return `${owner.folder} has no place among the layers (scripts/imports/layers.ts)`;
  if (target === undefined) {
    if (layer.libraries === undefined || layer.libraries.includes(packageName(specifier))) return undefined;
    return `${owner.folder} uses no library but ${layer.libraries.join(', ')}`;
  }
  const short = posix.basename(target.folder);
  if (TEST_ONLY.includes(short)) return `${target.name} is for tests`;
  if (!layer.workspace.includes(short)) return `${owner.folder} may not import ${target.folder}`;
  if (owner.folder === 'packages/core' && specifier !== CORE_MAY_IMPORT) return `core imports ${CORE_MAY_IMPORT} only`;
  return undefined;
}

export function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
