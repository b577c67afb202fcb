/** What of a package URL of an image says where it was pushed. */
export interface PackageUrl {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** A host has a dot or a port, or is localhost: as Docker tells one from the first part of a name. */
const isHost = (component: string): boolean => component === 'localhost' || /[.:]/.test(component);

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `oci`: repository_url is the whole repository. `docker`: it is the host, and the name is the repository. */
function repositoryOf(type: string, name: string, repositoryUrl: string | null): string {
  if (type === 'docker' || repositoryUrl === null) return name;
  const [first = '', ...rest] = repositoryUrl.replace(/^[a-z]+:\/\//, '').split('/');
  return (isHost(first) ? rest : [first, ...rest]).join('/');
}

/**
 * Parses `pkg:oci/app@sha256:…?repository_url=host/team/app&tag=1.0` and `pkg:docker/team/app@1.0`. undefined: it is no
 * image's. The host is left out: receivers are bound to theirs.
 * @see https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
 */
export function parsePackageUrl(text: string): PackageUrl | undefined {
  const [, type, path = '', version = '', query = ''] =
    /^pkg:\/{0,2}(oci|docker)\/([^@?#]{1,1024})(?:@([^?#]{0,256}))?(?:\?([^#]{0,4096}))?/.exec(text) ?? [];
  const name = decode(path);
  const at = decode(version);
  if (type === undefined || name === undefined || at === undefined) return undefined;
  const qualifiers = new URLSearchParams(query);
  const repository = repositoryOf(type, name, qualifiers.get('repository_url'));
  if (repository === '') return undefined;
  const isDigest = at.startsWith('sha256:');
  const tag = qualifiers.get('tag') ?? (isDigest || at === '' ? undefined : at);
  return { repository, ...(tag !== undefined && { tag }), ...(isDigest && { digest: at }) };
}
