import { Option } from 'commander';
import type { Command } from 'commander';
import { login } from '../commands/login.ts';
import type { LoginOptions } from '../commands/login.ts';
import { logout } from '../commands/logout.ts';
import { showStatus } from '../commands/status.ts';
import type { WatchOptions } from '../commands/watch.ts';
import { showIdentity } from '../commands/whoami.ts';
import { examples, watchable } from './verbs.ts';
import type { Open } from './verbs.ts';

export function declareAccountCommands(program: Command, open: Open): void {
  const command = program
    .command('login')
    .description('log in to the API, with your browser unless told otherwise')
    .option('-i, --issuer <address>', 'OpenID issuer; remembered (env: SIMPLE_SCHEDULER_OIDC_ISSUER)')
    .option(
      '-c, --client-id <id>',
      'client at the issuer (default: that of the last login, else simple-scheduler-cli; env: SIMPLE_SCHEDULER_OIDC_CLIENT_ID)',
    )
    .option(
      '-s, --client-secret <secret>',
      'its secret (env: SIMPLE_SCHEDULER_OIDC_CLIENT_SECRET, or ..._FILE for a file)',
    )
    .addOption(new Option('--device', 'log in with a code, on any device').conflicts('service'))
    .option('--service', 'log in as the client itself (client credentials), for programs')
    .option('--no-browser', 'print the address, and open no browser')
    .action((options: LoginOptions, self: Command) => login(open(self), options));
  examples(command, [
    'login -i https://id.example.org/realms/simple-scheduler',
    'login --device',
    'login --service -c nightly-import    # secret from SIMPLE_SCHEDULER_OIDC_CLIENT_SECRET_FILE',
  ]);

  program
    .command('logout')
    .description('end the login, here and at the issuer')
    .action((_options: object, self: Command) => logout(open(self)));
  program
    .command('whoami')
    .description('show who you are logged in as, and what you may do')
    .action((_options: object, self: Command) => showIdentity(open(self)));
  const status = watchable(
    program.command('status').description('show whether the API answers, and its version'),
  ).action((options: WatchOptions, self: Command) => showStatus(open(self), options));
  examples(status, ['status', 'status --watch']);
}
