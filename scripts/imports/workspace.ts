import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface WorkspacePackage {
  /** Relative to the project, with forward slashes; `.` for the project itself. */
  readonly folder: string;
  readonly name: string;
  /** What others may import, as they would write it: `@scope/name`, `@scope/name/part`. */
  readonly entries: readonly string[];
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

const FOLDERS = ['packages/*', 'services/*', 'examples/*', 'e2e', 'bench', 'bench/peers', '.'];

export function readWorkspace(root: string): WorkspacePackage[] {
  const files = globSync(
    FOLDERS.map((folder) => join(folder, 'package.json')),
    { cwd: root },
  );
  return files.map((file) => {
    const folder = dirname(file).replaceAll('\\', '/');
    return workspacePackage(folder, JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest);
  });
}

export interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, unknown>> | undefined;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly devDependencies?: Readonly<Record<string, string>> | undefined;
}

export function workspacePackage(folder: string, manifest: Manifest): WorkspacePackage {
  const { name, exports = {}, dependencies = {}, devDependencies = {} } = manifest;
  return {
    folder,
    name,
    entries: Object.keys(exports).map((entry) => name + entry.slice(1)),
    dependencies: new Set(Object.keys(dependencies)),
    devDependencies: new Set(Object.keys(devDependencies)),
  };
}

/** The package whose folder holds the file; the inner one where one lies in another. */
export function ownerOf(packages: readonly WorkspacePackage[], file: string): WorkspacePackage | undefined {
  return packages
    .filter(({ folder }) => folder === '.' || file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}
