import type { OutputStream } from './terminal.ts';

/** What a word says of how something stands. */
export type Tone = 'good' | 'bad' | 'doubtful';
export type Paint = (tone: Tone, text: string) => string;

const SGR: Readonly<Record<Tone, number>> = { good: 32, bad: 31, doubtful: 33 };
const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
const isOn = (value: string | undefined): boolean => isSet(value) && value !== '0';

/**
 * Whether colours are wanted: NO_COLOR says no, FORCE_COLOR and CLICOLOR_FORCE yes, CLICOLOR=0 and a dumb terminal no; else
 * where a person reads. @see https://no-color.org and https://bixense.com/clicolors/
 */
function wantsColour({ isTTY }: OutputStream, env: NodeJS.ProcessEnv): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  if (isOn(env['FORCE_COLOR']) || isOn(env['CLICOLOR_FORCE'])) return true;
  return isTTY === true && env['CLICOLOR'] !== '0' && env['TERM'] !== 'dumb';
}

/** Colours of the terminal's own palette, where a stream wants them. */
export const painter = (stream: OutputStream, env: NodeJS.ProcessEnv = process.env): Paint =>
  wantsColour(stream, env) ? (tone, text) => `\u001b[${SGR[tone]}m${text}\u001b[39m` : (_, text) => text;
