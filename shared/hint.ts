/** What a hint is about, where that is known. */
export interface HintSubject {
  /** `namespace/name` */
  readonly source: string;
  readonly deploy?: string;
}

/** A command that a hint names: `landfall explain SOURCE`, `landfall replay SOURCE --deploy NAME`. */
const COMMAND = /landfall [a-z]+ SOURCE(?: --deploy NAME)?/g;

/** A hint whose commands can be copied as they are: with this source and this deploy for the words that stand for any. */
export const hintFor = (hint: string, { source, deploy }: HintSubject): string =>
  hint.replace(COMMAND, (command) =>
    command.replace('SOURCE', () => source).replace('NAME', () => deploy ?? 'NAME'),
  );
