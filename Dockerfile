# The server on the embedded SQLite; the data lives in the volume /data. Start with --database-url for PostgreSQL.
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY scripts ./scripts
COPY src ./src
COPY web ./web
RUN node scripts/build.ts dist && node scripts/build-web.ts

FROM node:26-bookworm-slim
WORKDIR /app
COPY package.json ./
COPY src ./src
COPY --from=build /app/dist ./dist
COPY --from=build /app/web/built ./web/built
# Pictures are decoded by a library that is no JavaScript.
COPY --from=build /app/node_modules/sharp ./node_modules/sharp
COPY --from=build /app/node_modules/@img ./node_modules/@img
COPY --from=build /app/node_modules/detect-libc ./node_modules/detect-libc
COPY --from=build /app/node_modules/semver ./node_modules/semver
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.cache MALLOC_ARENA_MAX=2 TIDEMARK_HOST=0.0.0.0 TIDEMARK_DATA=/data
# Fills the compile cache: a quicker start.
RUN node dist/cli.js --help > /dev/null && mkdir /data && chown -R node /data /app/.cache
USER node
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=8", "dist/cli.js"]
CMD ["serve"]
