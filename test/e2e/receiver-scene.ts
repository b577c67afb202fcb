import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { documentOf, folderFor, landfallProcess } from '../support/cli.ts';
import { writeFiles } from '../support/programs/oci-tools.ts';
import { startServe } from '../support/programs/serving.ts';

/** `serve` on a document with the source `web/app` and one receiver. */
export interface ReceiverScene {
  /** What is given to the sender. */
  readonly url: string;
  /** Pushes, and waits until the log has what is to come of the webhook: a landed revision, or a refused sender. */
  pushAnnounced(url: string, status: 202 | 401, flags?: readonly string[]): Promise<void>;
}

export async function openReceiverScene(t: TestContext, document: string): Promise<ReceiverScene> {
  const folder = await folderFor(t);
  const path = join(folder, 'sources.yaml');
  await writeFile(path, document);
  const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
  const listed = await landfallProcess(['receivers', '-f', path, '--url', serve.url, '--json']);
  const [receiver] = documentOf<readonly { readonly url: string; readonly name: string }[]>(listed);
  assert.ok(receiver);
  return {
    url: receiver.url,
    pushAnnounced: async (url, status, flags = []) => {
      const from = await writeFiles(join(folder, 'in'), { 'app.yaml': 'a: 1\n' });
      const pushed = await landfallProcess(['push', from, url, '--plain-http', ...flags]);
      assert.equal(pushed.code, 0, pushed.stderr);
      const told = { receiver: receiver.name, status };
      if (status === 401) await serve.logged('webhook', { ...told, code: 'WEBHOOK_UNAUTHENTICATED' });
      else {
        await serve.logged('webhook', { ...told, sources: 'web/app' });
        await serve.logged('landed', { source: 'web/app', trigger: 'webhook' });
      }
    },
  };
}
