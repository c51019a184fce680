import { aptInstall } from './apt.ts';
import { which } from './command.ts';

/** The path of a shell that people type commands into; installed through apt where it is missing. */
export function obtainShell(name: 'bash' | 'zsh' | 'fish'): Promise<string> {
  return obtain(name, `the shell ${name}`);
}

/** The path of tmux, a terminal that a program can type into and read the screen of. */
export function obtainTmux(): Promise<string> {
  return obtain('tmux', 'tmux');
}

async function obtain(name: string, what: string): Promise<string> {
  const known = await which(name);
  if (known !== undefined) return known;
  await aptInstall(what, [name]);
  const installed = await which(name);
  if (installed === undefined) throw new Error(`${name} was installed and is still not on the path`);
  return installed;
}
