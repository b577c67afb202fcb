import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import type { GitServer } from './git-server.ts';

/** A pack of some objects of a repository, as Git makes it. */
export const packOf = ({ folder }: Pick<GitServer, 'folder'>, names: readonly string[]): Buffer =>
  execFileSync('git', ['-C', folder, 'pack-objects', '--stdout', '--delta-base-offset', '--quiet'], {
    input: `${names.join('\n')}\n`,
  });

const packet = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);

/** Answers a fetch with a pack, whatever was asked for. */
export function answerPack(
  response: ServerResponse,
  pack: Buffer,
  type = 'application/x-git-upload-pack-result',
): void {
  const pieces: Buffer[] = [packet(Buffer.from('NAK\n'))];
  for (let at = 0; at < pack.length; at += 60_000)
    pieces.push(packet(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 60_000)])));
  response.writeHead(200, { 'content-type': type });
  response.end(Buffer.concat([...pieces, Buffer.from('0000')]));
}
