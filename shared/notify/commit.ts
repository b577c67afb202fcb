/** The commit that an artifact was made of, as its annotations say. Whoever pushed wrote them: nothing is decided by them but where a status is shown. */
export interface CommitFacts {
  /** 40 or 64 hexadecimal digits. */
  readonly commit?: string;
  /** `github.com/team/app`: without scheme, user and `.git`. */
  readonly repository?: string;
}

const REVISION = 'org.opencontainers.image.revision';
const SOURCE = 'org.opencontainers.image.source';
const HEX = /(?:^|[:/])([0-9a-f]{40}|[0-9a-f]{64})$/;

/** `main@sha1:<hex>` as Flux writes it, `main/<hex>`, or the hex alone. */
const commitIn = (text: string): string | undefined => HEX.exec(text.trim())?.[1];

/** https, ssh, or `git@host:path`. */
function repositoryIn(text: string): string | undefined {
  const plain = text
    .trim()
    .replace(/^(?:https?|ssh|git):\/\//, '')
    .replace(/^[^@/]*@/, '');
  const path = plain
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
  const repository = path.replace(/\.git$/, '');
  return /^[A-Za-z0-9.-]+(?::\d+)?(?:\/[A-Za-z0-9_.-]+){2,}$/.test(repository) ? repository : undefined;
}

export function commitOf(annotations: Readonly<Record<string, string>>): CommitFacts {
  const commit = commitIn(annotations[REVISION] ?? '');
  const repository = repositoryIn(annotations[SOURCE] ?? '');
  return { ...(commit !== undefined && { commit }), ...(repository !== undefined && { repository }) };
}
