#!/usr/bin/env node
import { basename } from 'node:path';
import { endSoon, watchOutput } from './io.ts';
import { runCli } from './program.ts';

const { env, stdin, stdout, stderr } = process;
watchOutput(process);
const program = basename(process.argv[1] ?? '') === 'sched' ? 'sched' : 'simple-scheduler-cli';
process.exitCode = await runCli(process.argv.slice(2), { program, env, stdin, stdout, stderr });
endSoon(process);
