import pg from 'pg';

/** Makes or drops whole databases, which no transaction can. @param server address of any database of the server */
export async function onPostgresServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
