import type { Status } from '../../../shared/model/status.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import type { Source } from '../../../shared/source/source.ts';

const AT = '2026-11-28T12:00:00.000Z';

/** The status of a source that has landed one revision, and is well. */
export function landedStatus({ namespace, name, url, labels }: Source): Status {
  const digest = digestOf(Buffer.from(`${namespace}/${name}`));
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: '',
    lastTransitionTime: AT,
  } as const;
  return {
    formatVersion: 1,
    namespace,
    name,
    url,
    labels,
    generation: 1,
    current: {
      revision: `1.0.0@${digest}`,
      tag: '1.0.0',
      digest,
      variant: 'default',
      contentDigest: digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: null,
      annotations: {},
      files: 10,
      size: 4_096,
      generation: 1,
      committedAt: AT,
    },
    history: [],
    conditions: [ready],
    failure: null,
    specDigest: digest,
    outbox: [],
    suspended: null,
    request: null,
  };
}
