import { Writable } from 'node:stream';
import { run } from '../../cli/run.ts';
import { say, sayCommand } from '../demo/say.ts';

const shown = (argument: string): string => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument}'`);

const kept = (lines: string[]): Writable =>
  new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });

/**
 * Runs a command of Landfall, and shows it with what it printed.
 * @returns what it printed
 * @throws Error where it did not end with 0
 */
export async function landfall(...argv: readonly string[]): Promise<string> {
  sayCommand(`landfall ${argv.map(shown).join(' ')}`);
  const [out, error]: [string[], string[]] = [[], []];
  const code = await run(argv, { stdout: kept(out), stderr: kept(error) });
  const text = out.join('');
  for (const line of `${text}${error.join('')}`.trimEnd().split('\n')) say(line);
  if (code !== 0) throw new Error(`landfall ${argv.join(' ')} ended with ${code}`);
  return text;
}
