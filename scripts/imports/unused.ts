import { packageName } from './judge.ts';
import { ownerOf, type WorkspacePackage } from './workspace.ts';

export interface Unused {
  readonly folder: string;
  readonly dependency: string;
}

/** The workspace packages that a package declares and none of its files imports: arrows that are not there. */
export function unusedDependencies(
  packages: readonly WorkspacePackage[],
  imports: readonly { readonly file: string; readonly specifier: string }[],
): Unused[] {
  const arrows = new Set(
    imports.map(({ file, specifier }) => `${ownerOf(packages, file)?.folder} ${packageName(specifier)}`),
  );
  const names = new Set(packages.map(({ name }) => name));
  return packages.flatMap(({ folder, dependencies, devDependencies }) =>
    [...dependencies, ...devDependencies]
      .filter((dependency) => names.has(dependency) && !arrows.has(`${folder} ${dependency}`))
      .map((dependency) => ({ folder, dependency })),
  );
}
