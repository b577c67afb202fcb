import { commandSettings } from '../command/command-settings.ts';
import { directorySettings, locateDirectory } from '../directory/directory-settings.ts';
import { functionSettings } from '../function/function-settings.ts';
import { httpSettings, locateHttp } from '../http/http-settings.ts';
import type { KindSchema } from '../kit/kind-schema.ts';
import { serviceSettings } from '../service/service-settings.ts';
import { stackSettings } from '../stack/stack-settings.ts';

/** What documents may say of each kind: a new one is one more line here, and one in deploy-kinds.ts. */
export const KIND_SCHEMAS: readonly KindSchema[] = [
  { kind: 'directory', settings: directorySettings, isLong: false, locate: locateDirectory },
  { kind: 'command', settings: commandSettings, isLong: false },
  { kind: 'http', settings: httpSettings, isLong: false, locate: locateHttp },
  { kind: 'stack', settings: stackSettings, isLong: true },
  { kind: 'function', settings: functionSettings, isLong: true },
  { kind: 'service', settings: serviceSettings, isLong: true },
];
