/**
 * The floor of the start-up bench: a bare Express hello, bundled like the gateway. Argument: the port to listen on.
 */
import express from 'express';

const app = express();
app.get('/health', (_request, response) => {
  response.json({ status: 'up' });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
