import { machineAws } from '../local/machine-aws.ts';
import { systemClock } from '../shared/clock.ts';
import type { SecretDeps } from '../shared/credentials/secret.ts';
import { WatchedFiles } from '../shared/credentials/watched-files.ts';

/** Where the secrets that documents name are on this machine: files, variables, and AWS where it has an identity. */
export const machineSecrets = (): SecretDeps => ({
  files: new WatchedFiles(systemClock),
  env: process.env,
  cloud: machineAws(process.env, systemClock).cloud,
});
