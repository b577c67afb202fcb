import type { CredentialEntry, SecretLocation } from './credential-entry.ts';

/** A place an entry names, under the key it does so. */
export type KeyedLocation = readonly [key: string, location: SecretLocation];

const PLAIN = ['username', 'password', 'identityToken', 'registryToken'] as const;
const DOCUMENTS = ['dockerConfig', 'kubernetesSecret'] as const;
export const TRANSPORT_FILES = ['caFile', 'certFile', 'keyFile'] as const;

/** Every place an entry's secrets may come from; a text where a path may stand is a file. */
export function secretLocations(entry: CredentialEntry): readonly KeyedLocation[] {
  const { google, azure } = entry;
  const plain = PLAIN.map((key) => [key, entry[key]] as const);
  const documents = DOCUMENTS.map((key) => {
    const given = entry[key];
    return [key, typeof given === 'string' ? { file: given } : given] as const;
  });
  const nested = [
    [
      'google.serviceAccountKey',
      google !== undefined && 'serviceAccountKey' in google ? google.serviceAccountKey : undefined,
    ],
    ['azure.clientSecret', azure?.clientSecret],
    ['azure.federatedToken', azure?.federatedToken],
  ] as const;
  return [...plain, ...documents, ...nested].flatMap(([key, location]) =>
    typeof location === 'object' ? [[key, location] as const] : [],
  );
}
