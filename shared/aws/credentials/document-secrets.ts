import { systemClock } from '../../clock.ts';
import type { CloudSecrets } from '../../credentials/credential-entry.ts';
import type { SecretDeps } from '../../credentials/secret.ts';
import { WatchedFiles } from '../../credentials/watched-files.ts';

/** Of a function that reads what documents name: Secrets Manager and SSM alone. */
export const documentSecrets = (cloud: CloudSecrets): SecretDeps => ({
  files: new WatchedFiles(systemClock),
  env: {},
  cloud,
  isCloudOnly: true,
});
