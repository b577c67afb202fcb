import type { Sender } from './sender.ts';

export const dockerHub: Sender = {
  how: "add it under the repository's Webhooks. The URL is the secret: Docker Hub signs nothing",
  sample: ({ repository, tag }, { now }) => ({
    headers: {},
    body: JSON.stringify({
      push_data: { pushed_at: Math.floor(now / 1000), pusher: 'landfall', tag },
      repository: { repo_name: repository },
    }),
  }),
};
