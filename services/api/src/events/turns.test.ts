import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('lets so many in at a time, in the order in which they came, and forgets who went away', async () => {
  const turns = new Turns(1);
  const stay = new AbortController().signal;
  const leave = await turns.take(stay);
  const order: string[] = [];
  const impatient = new AbortController();
  const second = turns.take(stay).then((end) => {
    order.push('second');
    return end;
  });
  const gone = turns.take(impatient.signal);
  const fourth = turns.take(stay).then((end) => {
    order.push('fourth');
    return end;
  });
  impatient.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  leave();
  leave();
  const end = await second;
  expect(order).toEqual(['second']);
  end();
  (await fourth)();
  expect(order).toEqual(['second', 'fourth']);
  (await turns.take(stay))();
  await expect(turns.take(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});
