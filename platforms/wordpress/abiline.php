<?php
/**
 * Plugin Name: Abiline
 * Description: The chat of your own Abiline on every page, and who is logged in with which open orders, signed.
 * Version: 0.2.0
 * Requires at least: 5.7
 * Requires PHP: 7.4
 * License: Apache-2.0
 */

if (!defined('ABSPATH')) {
    exit;
}

const ABILINE_TOKEN_SECONDS = 3600;
const ABILINE_SHORTEST_SECRET = 32;
const ABILINE_MOST_ORDERS = 20;
const ABILINE_ORDERS_SECONDS = 60;
const ABILINE_TEXTS = array(
    'et' => array('address' => 'Abiline aadress', 'secret' => 'Sisselogimise saladus', 'kept' => 'Saladus on olemas. Jätke tühjaks, et see alles jääks.', 'about' => 'Sama väärtus, mis on Abilises (ABILINE_IDENTITY_SECRET), vähemalt 32 märki.'),
    'en' => array('address' => 'Address of Abiline', 'secret' => 'Log-in secret', 'kept' => 'A secret is set. Leave this empty to keep it.', 'about' => 'The same value as in Abiline (ABILINE_IDENTITY_SECRET), at least 32 characters.'),
    'ru' => array('address' => 'Адрес Abiline', 'secret' => 'Секрет для входа', 'kept' => 'Секрет задан. Оставьте поле пустым, чтобы сохранить его.', 'about' => 'То же значение, что и в Abiline (ABILINE_IDENTITY_SECRET), не меньше 32 знаков.'),
);

function abiline_text($key) {
    $language = substr(get_user_locale(), 0, 2);
    return (ABILINE_TEXTS[$language] ?? ABILINE_TEXTS['en'])[$key];
}

function abiline_base64url($bytes) {
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** Who is logged in, signed for an hour; `$orders` is null where there is no shop. An address is left out: shops let people change theirs without proving it. */
function abiline_token($id, $name, $orders, $secret, $now) {
    $said = array('sub' => (string) $id, 'name' => (string) $name, 'aud' => 'abiline', 'iat' => $now, 'exp' => $now + ABILINE_TOKEN_SECONDS);
    if ($orders !== null) {
        $said['orders'] = array_map('strval', array_values($orders));
    }
    $head = abiline_base64url(json_encode(array('typ' => 'JWT', 'alg' => 'HS256')));
    $signed = $head . '.' . abiline_base64url(json_encode($said, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE));
    return $signed . '.' . abiline_base64url(hash_hmac('sha256', $signed, $secret, true));
}

/** Numbers of the customer's open orders in WooCommerce, the newest first; null without WooCommerce. Looked up at most once a minute, for the chat is on every page. */
function abiline_orders($id) {
    if (!function_exists('wc_get_orders')) {
        return null;
    }
    $kept = get_transient('abiline_orders_' . $id);
    if (is_array($kept)) {
        return $kept;
    }
    $open = apply_filters('abiline_open_statuses', array('pending', 'on-hold', 'processing'));
    $found = wc_get_orders(array('customer_id' => $id, 'status' => $open, 'limit' => ABILINE_MOST_ORDERS, 'orderby' => 'date', 'order' => 'DESC'));
    $orders = array();
    foreach ($found as $order) {
        $orders[] = (string) $order->get_order_number();
    }
    set_transient('abiline_orders_' . $id, $orders, ABILINE_ORDERS_SECONDS);
    return $orders;
}

/** From wp-config.php where it is set there, which keeps it out of the database; empty when there is none that is long enough. */
function abiline_secret() {
    $secret = defined('ABILINE_IDENTITY_SECRET') ? ABILINE_IDENTITY_SECRET : (string) get_option('abiline_secret', '');
    return strlen($secret) < ABILINE_SHORTEST_SECRET ? '' : $secret;
}

/** An empty field keeps the secret, which the page never shows. */
function abiline_kept_secret($written) {
    $written = trim((string) $written);
    return $written === '' ? (string) get_option('abiline_secret', '') : $written;
}

function abiline_checked_address($written) {
    return untrailingslashit(esc_url_raw(trim((string) $written), array('https', 'http')));
}

/** A page with somebody's token must not be kept for the next visitor. */
function abiline_keep_private() {
    if (is_user_logged_in()) {
        defined('DONOTCACHEPAGE') || define('DONOTCACHEPAGE', true);
        nocache_headers();
    }
}

function abiline_footer() {
    $address = (string) get_option('abiline_address', '');
    if ($address === '') {
        return;
    }
    $token = null;
    if (is_user_logged_in() && abiline_secret() !== '') {
        $user = wp_get_current_user();
        $token = abiline_token($user->ID, $user->display_name, abiline_orders($user->ID), abiline_secret(), time());
    }
    wp_print_inline_script_tag('(window.abiline = window.abiline || []).push(' . wp_json_encode(array('identify', $token), JSON_HEX_TAG | JSON_HEX_AMP) . ');');
    wp_print_script_tag(array('src' => esc_url($address . '/widget.js'), 'async' => true));
}

function abiline_settings() {
    register_setting('abiline', 'abiline_address', array('type' => 'string', 'sanitize_callback' => 'abiline_checked_address'));
    register_setting('abiline', 'abiline_secret', array('type' => 'string', 'sanitize_callback' => 'abiline_kept_secret'));
}

function abiline_menu() {
    add_options_page('Abiline', 'Abiline', 'manage_options', 'abiline', 'abiline_page');
}

/** WordPress's own options.php takes the form: it checks the nonce of `settings_fields` and the right to manage options. */
function abiline_page() {
    if (!current_user_can('manage_options')) {
        return;
    }
    echo '<div class="wrap"><h1>Abiline</h1><form action="options.php" method="post">';
    settings_fields('abiline');
    echo '<p><label>' . esc_html(abiline_text('address')) . '<br><input class="regular-text" type="url" name="abiline_address" value="' . esc_attr(get_option('abiline_address', '')) . '"></label></p>';
    echo '<p><label>' . esc_html(abiline_text('secret')) . '<br><input class="regular-text" type="password" name="abiline_secret" autocomplete="new-password"></label></p>';
    echo '<p class="description">' . esc_html(abiline_text(abiline_secret() === '' ? 'about' : 'kept')) . '</p>';
    submit_button();
    echo '</form></div>';
}

add_action('template_redirect', 'abiline_keep_private');
add_action('wp_footer', 'abiline_footer');
add_action('admin_init', 'abiline_settings');
add_action('admin_menu', 'abiline_menu');
