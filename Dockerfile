# The server on the embedded SQLite; the data lives in the volume /data. Start with --database-url for PostgreSQL.
FROM node:26-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY src ./src
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache TIDEMARK_HOST=0.0.0.0 TIDEMARK_DATA=/data
# Fills the compile cache, so that no start needs the TypeScript compiler.
RUN node src/cli.ts --help > /dev/null && mkdir /data && chown -R node /data /app/.cache
USER node
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "src/cli.ts"]
CMD ["serve"]
