#!/usr/bin/env node
import { basename } from 'node:path';
import { endQuietlyOnBrokenPipe } from './io.ts';
import { runCli } from './program.ts';

endQuietlyOnBrokenPipe(process.stdout);
endQuietlyOnBrokenPipe(process.stderr);

const { env, stdin, stdout, stderr } = process;
const program = basename(process.argv[1] ?? '') === 'sched' ? 'sched' : 'simple-scheduler-cli';
process.exitCode = await runCli(process.argv.slice(2), { program, env, stdin, stdout, stderr });
