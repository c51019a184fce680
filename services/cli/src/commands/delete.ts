import { createInterface } from 'node:readline/promises';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failures.ts';
import { canAsk } from '../io.ts';
import { forEachOf, withJob } from './naming.ts';

export async function deleteJobs(
  context: Context,
  names: readonly string[],
  options: { readonly yes?: true },
): Promise<void> {
  if (!options.yes && canAsk(context.io)) await confirmDeletion(context, names);
  const deleteOne = async (name: string) => {
    await withJob(context, name, () => context.client.jobs.delete(name));
    context.hint(`Deleted ${name}.`);
    return { name, action: 'deleted' };
  };
  await forEachOf(names, deleteOne, (done) => context.print.done(done));
}

/** Only people are asked: a script that says delete means it. */
export async function confirmDeletion({ io }: Context, names: readonly string[]): Promise<void> {
  const what = names.length === 1 ? `the job ${names[0]}` : `${names.length} jobs (${names.join(', ')})`;
  let isAnswered = false;
  const conversation = createInterface({ input: io.stdin, output: io.stderr });
  // An end of input (Ctrl-D) answers nothing, and leaves the cursor behind the question.
  const ended = new Promise<string>((resolve) => {
    conversation.once('close', () => {
      if (!isAnswered) io.stderr.write('\n');
      resolve('');
    });
  });
  // As anywhere else, Ctrl-C ends the program, and its caller can tell.
  conversation.once('SIGINT', () => {
    conversation.close();
    process.kill(process.pid, 'SIGINT');
  });
  try {
    const question = `Delete ${what}? Runs under way are cancelled, and its queue goes. [y/N] `;
    const answer = await Promise.race([conversation.question(question), ended]);
    isAnswered = true;
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    conversation.close();
  }
  throw new CliFailure(EXIT.refused, 'Nothing was deleted: answer y to delete, or give --yes.');
}
