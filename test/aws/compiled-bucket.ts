import { openCompiled } from '../../shared/aws/configuration/configuration-in-force.ts';
import { putDocument, refreshConfiguration } from '../../shared/aws/configuration/source-bucket.ts';
import { parseTriggers } from '../../shared/aws/configuration/triggers-in-force.ts';
import { TRIGGERS_KEY } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { MemoryQueue } from '../trigger/receivers/samples.ts';

export const source = (name: string, more = ''): string =>
  `  - { name: ${name}, url: oci://r.example/${name}${more} }\n`;
export const document = (...sources: readonly string[]): string => `sources:\n${sources.join('')}`;

export function openBucket() {
  const { objects } = openMemoryStore();
  const queue = new MemoryQueue();
  const put = (file: string, text: string) => putDocument({ file, text }, objects);
  const refresh = async () => openCompiled(await refreshConfiguration({ objects, queue }));
  const looked = () => queue.messages.splice(0).map(({ name }) => name);
  const triggers = async () => parseTriggers((await objects.get(TRIGGERS_KEY))?.bytes ?? Buffer.alloc(0));
  return { objects, queue, put, refresh, looked, triggers };
}

export const id = (name: string) => ({ namespace: 'default', name });
