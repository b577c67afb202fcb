export const handler = async () => ({ statusCode: 200, body: 'Hello from 1.0.0' });
