import type { Sender } from './sender.ts';

export const quay: Sender = {
  how: 'in the repository: Settings, Create Notification, Push to Repository, Webhook POST. The URL is the secret: Quay signs nothing',
  sample: ({ repository, tag }, { registry }) => ({
    headers: {},
    body: JSON.stringify({
      repository,
      namespace: repository.split('/', 1)[0],
      name: repository.slice(repository.indexOf('/') + 1),
      docker_url: `${registry}/${repository}`,
      updated_tags: [tag],
    }),
  }),
};
