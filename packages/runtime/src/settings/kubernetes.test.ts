import { expect, it } from 'vitest';
import { isFromKubernetes } from './kubernetes.ts';
import { ALL_VARIABLES } from './known-variables.ts';

it.each([
  ['API_PORT', 'tcp://10.0.0.7:80'],
  ['API_PORT_80_TCP', 'tcp://10.0.0.7:80'],
  ['API_PORT_80_TCP_ADDR', '10.0.0.7'],
  ['API_PORT_80_TCP_PORT', '80'],
  ['API_PORT_80_TCP_PROTO', 'tcp'],
  ['API_SERVICE_HOST', '10.0.0.7'],
  ['API_SERVICE_PORT', '80'],
  ['API_SERVICE_PORT_HTTP', '80'],
  ['API_SERVICE_PORT_KEY_FILE', '80'],
  ['SERVICE_HOST', '10.0.0.7'],
  ['PORT', 'udp://10.0.0.7:53'],
])('%s=%s comes from a Service', (name, text) => {
  expect(isFromKubernetes(name, text)).toBe(true);
});

it.each([
  ['API_PORT', '8080'],
  ['API_PORT', ':8080'],
  ['API_PORT_HTTP', 'tcp://10.0.0.7:80'],
  ['API_URL', 'tcp://10.0.0.7:80'],
  ['API_SERVICE', '10.0.0.7'],
  ['API_SERVICE_HOSTS', '10.0.0.7'],
  ['API_PORT_80_TCP_NAME', 'x'],
])('%s=%s does not', (name, text) => {
  expect(isFromKubernetes(name, text)).toBe(false);
});

it('takes no setting of ours for one of these', () => {
  for (const { name } of ALL_VARIABLES) expect(isFromKubernetes(name, 'tcp://10.0.0.7:80'), name).toBe(false);
});
