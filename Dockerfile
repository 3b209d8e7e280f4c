# The server out of its package, on the embedded SQLite; the data lives in the volume /data. Start with --database-url for PostgreSQL.
FROM node:26-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY LICENSE README.md tsconfig.json ./
COPY bin ./bin
COPY docs ./docs
COPY scripts ./scripts
COPY src ./src
COPY web ./web
RUN node scripts/package.ts && npm pack --ignore-scripts --silent
# What the package depends on as it was tested, not the newest.
RUN mkdir /app && tar -xzf tidemark-*.tgz -C /app --strip-components=1 && cp package-lock.json .npmrc /app && cd /app && npm ci --omit=dev --ignore-scripts

FROM node:26-bookworm-slim
WORKDIR /app
COPY --from=build /app ./
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache MALLOC_ARENA_MAX=2 TIDEMARK_HOST=0.0.0.0 TIDEMARK_DATA=/data
# Fills the compile cache: a quicker start.
RUN node dist/cli.js --help > /dev/null && mkdir /data && chown -R node /data /app/.cache
USER node
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "dist/cli.js"]
CMD ["serve"]
