import type { Sender } from './sender.ts';

export const harbor: Sender = {
  how: 'in the project: Webhooks, event "Artifact pushed", either payload format, Auth Header: <the secret>',
  sample: ({ repository, tag, digest }, { secret, registry, now }) => ({
    headers: { authorization: secret },
    body: JSON.stringify({
      type: 'PUSH_ARTIFACT',
      occur_at: Math.floor(now / 1000),
      operator: 'landfall',
      event_data: {
        resources: [{ digest, tag, resource_url: `${registry}/${repository}:${tag}` }],
        repository: { repo_full_name: repository },
      },
    }),
  }),
};
