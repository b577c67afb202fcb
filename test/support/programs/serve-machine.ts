import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { atEnd } from '../at-end.ts';
import { type Ended, folderFor, landfall } from '../cli.ts';
import { freePort } from '../servers/free-port.ts';
import { type ServeOptions, type ServeProcess, startServe } from './serving.ts';

export const SECRET = 'canary-webhook-secret';

/** A registry that tells a receiver of its pushes, documents, and a store: what one `serve` lives in. */
export interface ServeMachine {
  readonly folder: string;
  readonly registry: EmbeddedRegistry;
  readonly store: string;
  readonly sources: string;
  /** Where a directory deploy puts its link. */
  readonly live: string;
  /** Writes the documents: these sources, with the registry, the receivers and the deploys given. */
  write(parts: DocumentParts): Promise<void>;
  /** The path of one of the two receivers, `hub` (distribution) and `ci` (generic). */
  receiverPath(name: 'hub' | 'ci'): string;
  serve(options?: Partial<ServeOptions>): Promise<ServeProcess>;
  /** Runs a command on the store, in this process. */
  on(...argv: readonly string[]): Promise<Ended>;
}

export interface DocumentParts {
  /** Lines of the list, as YAML flow mappings without name of the registry: `{ name: app, ref: … }`. */
  readonly sources: readonly string[];
  readonly deploys?: readonly string[];
  readonly notify?: readonly string[];
}

const TYPES = { hub: 'distribution', ci: 'generic' } as const;

const list = (key: string, entries: readonly string[]): string =>
  entries.length === 0 ? '' : `${key}:\n${entries.map((entry) => `  - ${entry}\n`).join('')}`;

const documentText = (host: string, { sources, deploys = [], notify = [] }: DocumentParts): string =>
  [
    list('sources', sources),
    list('deploys', deploys),
    list('notify', notify),
    list('credentials', [`{ registry: "${host}", plainHttp: true }`]),
    list(
      'receivers',
      Object.entries(TYPES).map(
        ([name, type]) =>
          `{ name: ${name}, type: ${type}, registry: "${host}", secret: { value: ${SECRET} } }`,
      ),
    ),
  ].join('');

/** Everything ends with the test. `serve` listens on a port known before, so that the registry can be told of it. */
export async function openServeMachine(t: TestContext): Promise<ServeMachine> {
  const folder = await folderFor(t);
  const listen = `127.0.0.1:${await freePort()}`;
  const path = (name: 'hub' | 'ci'): string => receiverPath({ type: TYPES[name], name }, SECRET);
  const url = `http://${listen}${path('hub')}`;
  const registry = await startEmbeddedRegistry({
    notifications: [{ url, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  atEnd(t, () => registry.close());
  const [store, sources] = [join(folder, 'store'), join(folder, 'sources.yaml')];
  return {
    folder,
    registry,
    store,
    sources,
    live: join(folder, 'live'),
    write: (parts) => writeFile(sources, documentText(registry.host, parts)),
    receiverPath: path,
    serve: (options = {}) =>
      startServe(t, { documents: [sources], store, argv: ['--listen', listen], ...options }),
    on: (...argv) => landfall([...argv, '--store', store]),
  };
}

/** A source of the registry's `team/app`, as one line of YAML. */
export const sourceLine = ({ host }: EmbeddedRegistry, rest: string): string =>
  `{ namespace: web, url: "oci://${host}/team/app", interval: 1h, ${rest} }`;
