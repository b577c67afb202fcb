import { LandfallError } from '../../shared/errors.ts';

/** @param flag as it was typed, for the message @throws LandfallError USAGE */
export function parseListen(flag: string, text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new LandfallError('USAGE', `${flag} ${JSON.stringify(text)} is not HOST:PORT`, {
      hint: 'E.g. 127.0.0.1:5080; port 0 picks one.',
    });
  }
  return { host: match[1] ?? match[2] ?? '', port };
}
