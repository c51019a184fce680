import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder, removeFolder } from '../guard.ts';
import { aptInstall } from '../install/apt.ts';
import { run, which } from '../install/command.ts';
import { ServerProcess } from '../server-process.ts';

/** The keychain of a Linux desktop on a session bus of its own: GNOME's, without a window to unlock it in. */
export interface SecretService extends AsyncDisposable {
  /** What a program needs in its environment to find it. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string };
  lock(): Promise<void>;
}

const COLLECTION = '/org/freedesktop/secrets/collection/login';

export async function startSecretService(): Promise<SecretService> {
  const wanted = ['gnome-keyring-daemon', 'dbus-run-session', 'dbus-send'];
  const found = await Promise.all(wanted.map(which));
  if (found.includes(undefined)) await aptInstall('A secret service', ['gnome-keyring', 'dbus-daemon', 'dbus-bin']);
  const folder = await privateFolder('secrets');
  const addressFile = join(folder, 'address');
  const daemon = `echo "$DBUS_SESSION_BUS_ADDRESS" > "${addressFile}"; printf test | exec gnome-keyring-daemon --foreground --unlock --components=secrets`;
  const { PATH } = process.env;
  const server = new ServerProcess({
    name: 'the secret service',
    command: 'dbus-run-session',
    args: ['--', 'sh', '-c', daemon],
    env: { PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
    logFile: join(folder, 'log'),
    ready: async () => {
      const owned = await send('DBus', ['/', 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']);
      return owned.includes('boolean true');
    },
    readyTimeoutMs: 30_000,
    stopTimeoutMs: 5_000,
  });

  const address = async (): Promise<string> => (await readFile(addressFile, 'utf8')).trim();
  const send = async (destination: string, message: readonly string[]): Promise<string> => {
    const env = { PATH, DBUS_SESSION_BUS_ADDRESS: await address() };
    return run('dbus-send', ['--session', '--print-reply', `--dest=org.freedesktop.${destination}`, ...message], {
      env,
    });
  };

  await server.start();
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: await address() },
    lock: async () => {
      const method = 'org.freedesktop.Secret.Service.Lock';
      await send('secrets', ['/org/freedesktop/secrets', method, `array:objpath:${COLLECTION}`]);
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await removeFolder(folder);
    },
  };
}
