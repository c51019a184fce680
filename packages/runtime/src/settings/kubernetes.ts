const SERVICE = /(?:^|_)SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/;
const PORT = /(?:^|_)PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/;
const PORT_PART = /(?:^|_)PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/;

/**
 * Whether Kubernetes has put a variable (named without our prefix) into the process: it tells every pod of each Service, in
 * names that begin with ours where the Service's name does. `API_PORT` is a setting mistaken for another one unless its
 * text, too, is of that kind.
 */
export function isFromKubernetes(name: string, text: string): boolean {
  return SERVICE.test(name) || PORT_PART.test(name) || (PORT.test(name) && /^(?:tcp|udp|sctp):\/\//.test(text));
}
