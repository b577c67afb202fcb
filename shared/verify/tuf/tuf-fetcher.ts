import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { type ReadUrlOptions, readUrl, StatusError } from '../../registry/http/read-url.ts';

/**
 * What a client of TUF reads its mirror by: from addresses that may be connected to, without redirects, and no more than it
 * says. The client takes 404 for the end of the roots.
 * @param folder has what is on its way
 */
export function tufFetcher(options: Omit<ReadUrlOptions, 'maxBytes' | 'accept'>, folder: string): Fetcher {
  const read = async (url: string, maxBytes: number): Promise<Buffer> => {
    try {
      const { bytes } = await readUrl(new URL(url), { ...options, maxBytes, accept: 'application/json' });
      return bytes;
    } catch (error) {
      throw error instanceof StatusError ? new DownloadHTTPError(error.message, error.status) : error;
    }
  };
  return {
    downloadBytes: read,
    downloadFile: async (url, maxBytes, take) => {
      const file = join(folder, 'coming');
      await writeFile(file, await read(url, maxBytes));
      return take(file);
    },
  };
}
