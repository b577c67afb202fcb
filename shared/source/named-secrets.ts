import type { CredentialEntry, SecretLocation } from '../credentials/credential-entry.ts';
import { secretLocations, TRANSPORT_FILES } from '../credentials/entry-locations.ts';
import { entrySecrets } from '../notify/entry-secrets.ts';
import type { Configuration } from './source.ts';

/** A secret that documents name, and where: `credentials for r.example: password`. */
type NamedSecret = readonly [where: string, secret: SecretLocation];

const placeOf = ({ origin, registry }: CredentialEntry): string => origin ?? `credentials for ${registry}`;

/** The secrets of logins, receivers and `notify`; those of deploys are known to their kinds. */
export function namedSecrets({ credentials, receivers, notify }: Configuration): readonly NamedSecret[] {
  return [
    ...credentials.flatMap((entry) =>
      secretLocations(entry).map(([key, secret]): NamedSecret => [`${placeOf(entry)}: ${key}`, secret]),
    ),
    ...receivers.map(({ name, secret }): NamedSecret => [`receiver ${name}: secret`, secret]),
    ...notify.flatMap((entry) =>
      entrySecrets(entry).map(([key, secret]): NamedSecret => [`notify ${entry.name}: ${key}`, secret]),
    ),
  ];
}

/** The files of certificates and keys that logins name, as `credentials for r.example: caFile`. */
export const namedFiles = ({
  credentials,
}: Configuration): readonly (readonly [where: string, key: string])[] =>
  credentials.flatMap((entry) =>
    TRANSPORT_FILES.filter((key) => entry[key] !== undefined).map(
      (key) => [`${placeOf(entry)}: ${key}`, key] as const,
    ),
  );
