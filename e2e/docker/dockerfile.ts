import { readFileSync } from 'node:fs';
import { Copy, DockerfileParser, Env, Healthcheck, type Instruction, JSONInstruction } from 'dockerfile-ast';

export interface Step {
  readonly keyword: string;
  /** The arguments without flags, continued lines joined. */
  readonly text: string;
  /** The strings of the JSON form; of a health check, those of its command. */
  readonly json: readonly string[];
  /** Of ENV, in order. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Of COPY: the stage that is copied from; undefined for the build context. */
  readonly from: string | undefined;
}

/** One `FROM` and what follows it, up to the next. */
export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly steps: readonly Step[];
}

export function readDockerfile(file: string): Map<string, Stage> {
  const stages = new Map<string, Stage & { steps: Step[] }>();
  let current: (Stage & { steps: Step[] }) | undefined;
  const parsed = DockerfileParser.parse(readFileSync(file, 'utf8'));
  const froms = parsed.getFROMs();
  for (const instruction of parsed.getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = froms[stages.size];
      const name = from?.getBuildStage() ?? String(stages.size);
      current = { name, base: from?.getImage() ?? '', steps: [] };
      stages.set(name, current);
    } else {
      current?.steps.push(stepOf(instruction));
    }
  }
  return stages;
}

/** The steps that make an image: those of the stages that it is based on come first. */
export function stepsOfImage(stages: ReadonlyMap<string, Stage>, name: string): Step[] {
  const stage = stages.get(name);
  return stage === undefined ? [] : [...stepsOfImage(stages, stage.base), ...stage.steps];
}

/** The last step of a kind is the one that counts. */
export function lastStep(steps: readonly Step[], keyword: string): Step | undefined {
  return steps.findLast((step) => step.keyword === keyword);
}

function stepOf(instruction: Instruction): Step {
  const words = instruction.getArguments().map((argument) => argument.getValue());
  return {
    keyword: instruction.getKeyword(),
    text: words.join(' '),
    json: jsonOf(instruction),
    variables:
      instruction instanceof Env
        ? instruction.getProperties().map((property) => [property.getName(), property.getValue() ?? ''] as const)
        : [],
    from: instruction instanceof Copy ? (instruction.getFromFlag()?.getValue() ?? undefined) : undefined,
  };
}

function jsonOf(instruction: Instruction): string[] {
  if (instruction instanceof JSONInstruction) return instruction.getJSONStrings().map((one) => one.getJSONValue());
  if (!(instruction instanceof Healthcheck)) return [];
  const json = /\[.*\]/s.exec(instruction.getArgumentsContent() ?? '')?.[0];
  return json === undefined ? [] : (JSON.parse(json) as string[]);
}
