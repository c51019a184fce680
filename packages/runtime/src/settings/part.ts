import type { SettingsProblem } from './problems.ts';
import type { ServiceName, ValueOf, Variable } from './variable.ts';
import { fullName } from './variable.ts';

/** Settings that belong together; a service is made of several. */
export interface SettingsPart<T> {
  readonly variables: readonly Variable<unknown>[];
  /** Undefined where something was wrong; each problem has been reported then. */
  readonly parse: (input: PartInput) => T | undefined;
}

export interface PartInput {
  readonly service: ServiceName;
  /** Text of a variable by its name without prefix. */
  readonly text: (name: string) => string | undefined;
  readonly report: (problem: SettingsProblem) => void;
}

/** What `finish` of a part may ask and say. */
export interface PartContext<K> {
  readonly service: ServiceName;
  /** Whether someone set the variable, instead of leaving it to its default. */
  readonly given: (key: K) => boolean;
  readonly refuse: (key: K, text: string) => void;
}

type Variables = Readonly<Record<string, Variable<unknown>>>;
type Values<V extends Variables> = { readonly [K in keyof V]: ValueOf<V[K]> };

/**
 * A part made of these variables. `finish` sees their values once each is valid by itself: it checks how they relate,
 * fills in defaults that depend on the service, and gives them their final shape.
 */
export function definePart<const V extends Variables, T>(
  variables: V,
  finish: (values: Values<V>, context: PartContext<keyof V>) => T,
): SettingsPart<T> {
  const parse = (input: PartInput): T | undefined => {
    let valid = true;
    const report = (problem: SettingsProblem): void => {
      valid = false;
      input.report(problem);
    };
    const values = Object.fromEntries(Object.entries(variables).map(([key, v]) => [key, parseOne(v, input, report)]));
    if (!valid) return undefined;
    const result = finish(values as Values<V>, {
      service: input.service,
      given: (key) => input.text(named(variables, key).name) !== undefined,
      refuse: (key, text) => {
        const variable = named(variables, key);
        report(problemOf(variable, input.text(variable.name) ?? variable.fallback, text));
      },
    });
    return valid ? result : undefined;
  };
  return { variables: Object.values(variables), parse };
}

function named<V extends Variables>(variables: V, key: keyof V): Variable<unknown> {
  return variables[key] as Variable<unknown>;
}

function parseOne(variable: Variable<unknown>, input: PartInput, report: (p: SettingsProblem) => void): unknown {
  const text = input.text(variable.name) ?? variable.fallback;
  if (text === undefined) return undefined;
  const result = variable.schema.safeParse(text);
  if (result.success) return result.data;
  const messages = [...new Set(result.error.issues.map((issue) => issue.message))];
  report(problemOf(variable, text, messages.join('; ')));
  return undefined;
}

function problemOf(variable: Variable<unknown>, text: string | undefined, what: string): SettingsProblem {
  const shown =
    text === undefined || variable.secret === true ? '' : `="${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;
  // `docker run --env-file` keeps quotes, which nobody would see where the text is not shown.
  const quoted =
    shown === '' && text !== undefined && /^(["']).*\1$/s.test(text)
      ? '; it is in quotes, without which it may be right'
      : '';
  return {
    variable: fullName(variable),
    text: `${shown} ${what}${quoted}`,
    example: `${fullName(variable)}=${variable.example}`,
  };
}
