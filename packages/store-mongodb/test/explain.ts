import { type CommandStartedEvent, type Db, type Document, Int32, type MongoClient } from 'mongodb';

const EXPLAINED = new Set(['find', 'aggregate', 'count', 'distinct', 'findAndModify', 'update', 'delete']);
/** What a driver adds to each command, and `explain` does not take. */
const ENVELOPE = [
  'lsid',
  'txnNumber',
  '$db',
  '$clusterTime',
  '$readPreference',
  'writeConcern',
  'readConcern',
  'maxTimeMS',
];

/** Commands of one shape differ in values only. */
export interface SeenCommand {
  readonly shape: string;
  readonly command: Document;
}

/** Notes the commands that this client sends to a database, one of each shape, statement by statement. */
export function watchCommands(client: MongoClient, dbName: string): SeenCommand[] {
  const seen: SeenCommand[] = [];
  const shapes = new Set<string>();
  client.on('commandStarted', ({ commandName, databaseName, command }: CommandStartedEvent) => {
    if (databaseName !== dbName || !EXPLAINED.has(commandName)) return;
    for (const statement of statementsOf(commandName, command)) {
      const shape = JSON.stringify(shapeOf(statement));
      if (shapes.has(shape)) continue;
      shapes.add(shape);
      seen.push({ shape, command: statement });
    }
  });
  return seen;
}

/** `explain` takes one update or delete at a time. */
function statementsOf(name: string, sent: Document): Document[] {
  const command = Object.fromEntries(Object.entries(sent).filter(([key]) => !ENVELOPE.includes(key)));
  const list = { update: 'updates', delete: 'deletes' }[name];
  if (list === undefined) return [command];
  return (command[list] as Document[]).map((statement) => ({ ...command, [list]: [statement] }));
}

const WORDS = new Set(['find', 'aggregate', 'count', 'distinct', 'findAndModify', 'update', 'delete', 'hint', 'key']);

/** The command without its values: names of fields and operators, and lists without their length. */
function shapeOf(value: unknown, key = ''): unknown {
  if (value instanceof Map) return [...(value as Map<string, unknown>)];
  if (WORDS.has(key) && typeof value === 'string') return value;
  if (Array.isArray(value)) {
    // A list of values is any value; a list of documents is each of the different ones.
    return [...new Set(value.map((each) => JSON.stringify(shapeOf(each))))].sort();
  }
  if (value === null || typeof value !== 'object' || value instanceof Date || '_bsontype' in value)
    return value instanceof Int32 ? 'number' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each, name)]));
}

export interface Plan {
  readonly stages: readonly string[];
  readonly indexes: readonly string[];
}

/** All stages of the plan that would be carried out, in whatever order. */
export async function planOf(db: Db, command: Document): Promise<Plan> {
  const explained = await db.command({ explain: command, verbosity: 'queryPlanner' });
  const stages: string[] = [];
  const indexes = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (node === null || typeof node !== 'object') return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'rejectedPlans' || key === 'parsedQuery' || key === 'command') continue;
      if (key === 'stage') stages.push(value as string);
      else if (key === 'indexName') indexes.add(value as string);
      else if (key === '$sort') stages.push('$sort');
      walk(value);
    }
  };
  walk(explained);
  return { stages, indexes: [...indexes] };
}
