import { aptInstall } from './apt.ts';
import { which } from './command.ts';

/** The path of a shell that people type commands into; installed through apt where it is missing. */
export async function obtainShell(name: 'bash' | 'zsh' | 'fish'): Promise<string> {
  const known = await which(name);
  if (known !== undefined) return known;
  await aptInstall(`the shell ${name}`, [name]);
  const installed = await which(name);
  if (installed === undefined) throw new Error(`${name} was installed and is still not on the path`);
  return installed;
}
