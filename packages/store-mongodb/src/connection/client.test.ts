import { expect, it } from 'vitest';
import { createClient } from './client.ts';

const settings = { appName: 'ours', timeoutMs: 1_000, serverSelectionTimeoutMs: 1_000 };

it.each([
  ['mongodb://127.0.0.1/', 'ours'],
  ['mongodb://127.0.0.1/?appName=scheduler-7', 'scheduler-7'],
  ['mongodb://127.0.0.1/?retryWrites=false&appname=scheduler-7', 'scheduler-7'],
])('%s shows up on the server as %s', (connectionString, name) => {
  expect(createClient({ ...settings, connectionString }).options.appName).toBe(name);
});

it('lets nothing in the connection string weaken what is promised', () => {
  const weak = 'w=0&journal=false&wtimeoutMS=1&readConcernLevel=available&readPreference=secondary';
  const { options } = createClient({ ...settings, connectionString: `mongodb://127.0.0.1/?${weak}` });
  expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true, wtimeoutMS: 1_000 });
  expect(options.readConcern).toMatchObject({ level: 'local' });
  expect(options.readPreference).toMatchObject({ mode: 'primary' });
});
