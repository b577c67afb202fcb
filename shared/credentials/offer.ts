import type { Credential } from '../registry/client.ts';

/** A credential, and for how long it may be kept. */
export interface Given {
  readonly credential: Credential;
  /** Milliseconds; infinite where a file that changes would tell. */
  readonly keepMs: number;
}

/** Something that matched a repository and may have a credential for it. Nothing is read before `give`. */
export interface Offer {
  /** Where it was written: `landfall.yaml:4:5`, `--registry-creds ghcr.io`, a docker config's key. */
  readonly origin: string;
  readonly registry: string;
  readonly repository: string | null;
  /**
   * @param passOver told what could not be read and is gone on without; it holds no secret
   * @throws LandfallError CREDENTIAL_UNREADABLE
   */
  give(passOver: (why: string) => void): Promise<Given | undefined>;
}

const KINDS: Readonly<Record<Credential['kind'], string>> = {
  anonymous: 'no credential',
  basic: 'username and password',
  'identity-token': 'identity token',
  'registry-token': 'registry token',
};

/** What a credential is, without any of it. */
export const formatCredential = ({ kind }: Credential): string => KINDS[kind];
