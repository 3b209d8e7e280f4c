<?php

// What `composer install` would make: classes are found in their folders.
spl_autoload_register(function (string $class): void {
    foreach (['Digest\\Tests\\' => __DIR__, 'Digest\\' => __DIR__ . '/../src'] as $prefix => $folder) {
        $file = $folder . '/' . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
            return;
        }
    }
});
