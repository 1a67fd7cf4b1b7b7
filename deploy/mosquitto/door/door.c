/* A plugin of Mosquitto's devices' listener: what one device may make the broker keep, and pass on.
 *
 * Mosquitto bounds neither the subscriptions nor the retained messages of a client, and works through a client's own
 * subscriptions for each new one. So one stolen credential could stop the broker for everybody: 600,000 subscriptions
 * took it minutes, 3,000 retained messages of 60 KB made it pause for two seconds at every save.
 *
 * Here each device has MAX_FILTERS subscriptions and MAX_RETAINED retained topics, counted for as long as the broker
 * runs, no shared subscription, and messages of QoS 2 up to MAX_QOS_2 bytes, for the broker keeps them until the device
 * releases them. Everything else is left to the access file. Only refuses; never allows.
 *
 * Long messages have a pace: a broker that passes on, and saves, tens of megabytes a second of one device is slow for
 * all. It is twice what a gateway reads of one device (decision 17), so the gateway still sees the flood, and nothing is
 * refused that it would have read. A device repeats an event that has no receipt.
 *
 * The declarations are those of plugin interface 5 (mosquitto_plugin.h, mosquitto_broker.h), which Mosquitto 2.0 and 2.1
 * have in common; they stand here so that a compiler is all that is needed.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_FILTERS 32
#define MAX_RETAINED 16
#define MAX_LENGTH 512
#define MAX_QOS_2 4096
#define SHORT 2048
#define BUCKETS 65536

enum { SUCCESS = 0, NO_MEMORY = 1, DENIED = 12, DEFER = 17, ACL_CHECK = 2, WRITE = 2, SUBSCRIBE = 4 };

struct mosquitto;
struct mosquitto_opt;
typedef struct mosquitto_plugin_id_t mosquitto_plugin_id_t;
struct evt_acl_check {
	void *future;
	struct mosquitto *client;
	const char *topic;
	const void *payload;
	void *properties;
	int access;
	uint32_t payloadlen;
	uint8_t qos;
	bool retain;
	void *future2[4];
};
extern const char *mosquitto_client_username(const struct mosquitto *client);
extern int mosquitto_callback_register(mosquitto_plugin_id_t *id, int event, int (*callback)(int, void *, void *),
	const void *event_data, void *userdata);

/* The different texts that a device has used, up to a number of them. */
struct texts {
	char **known;
	int count;
};

/* Bytes: how many at once, and how many a second. */
struct pace { double at_once, a_second; };
static const struct pace TELEMETRY = {16 << 20, 1 << 20}, EVENTS = {2 << 20, 512 << 10};

/* What has been used of a pace. */
struct used { double bytes, at; };

struct device {
	struct device *next;
	struct texts filters, retained;
	struct used telemetry, events;
	char name[];
};

static struct device *devices[BUCKETS];

static struct device *device_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for(const char *at = name; *at; at++) hash = (hash ^ (unsigned char)*at) * 16777619u;
	struct device **bucket = &devices[hash % BUCKETS];
	for(struct device *device = *bucket; device; device = device->next){
		if(!strcmp(device->name, name)) return device;
	}
	struct device *device = calloc(1, sizeof(*device) + strlen(name) + 1);
	if(device){
		strcpy(device->name, name);
		device->next = *bucket;
		*bucket = device;
	}
	return device;
}

/* Whether the text is one of at most `most` different ones. */
static bool within(struct texts *texts, const char *text, int most)
{
	for(int i = 0; i < texts->count; i++){
		if(!strcmp(texts->known[i], text)) return true;
	}
	if(texts->count >= most || strlen(text) > MAX_LENGTH) return false;
	char **longer = realloc(texts->known, sizeof(char *) * (size_t)(texts->count + 1));
	if(!longer) return false;
	texts->known = longer;
	if(!(longer[texts->count] = strdup(text))) return false;
	texts->count++;
	return true;
}

static bool in_pace(struct used *used, const struct pace *pace, uint32_t length)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	double left = used->bytes - (at - used->at) * pace->a_second;
	used->bytes = left > 0 ? left : 0;
	used->at = at;
	if(used->bytes + length > pace->at_once) return false;
	used->bytes += length;
	return true;
}

static bool is_telemetry(const char *topic)
{
	const char *last = strrchr(topic, '/');
	return last && !strcmp(last, "/telemetry");
}

static int on_acl_check(int event, void *event_data, void *userdata)
{
	const struct evt_acl_check *asked = event_data;
	bool subscribes = asked->access == SUBSCRIBE, publishes = asked->access == WRITE;
	(void)event;
	(void)userdata;
	bool is_long = publishes && asked->payloadlen > SHORT;
	if(publishes && asked->qos == 2 && asked->payloadlen > MAX_QOS_2) return DENIED;
	if(!subscribes && !is_long && !(publishes && asked->retain)) return DEFER;

	const char *name = mosquitto_client_username(asked->client);
	struct device *device = name ? device_of(name) : NULL;
	if(!device || (subscribes && !strncmp(asked->topic, "$share/", 7))) return DENIED;
	if(subscribes) return within(&device->filters, asked->topic, MAX_FILTERS) ? DEFER : DENIED;
	if(is_long){
		bool telemetry = is_telemetry(asked->topic);
		struct used *used = telemetry ? &device->telemetry : &device->events;
		if(!in_pace(used, telemetry ? &TELEMETRY : &EVENTS, asked->payloadlen)) return DENIED;
	}
	if(!asked->retain) return DEFER;
	return within(&device->retained, asked->topic, MAX_RETAINED) ? DEFER : DENIED;
}

int mosquitto_plugin_version(int count, const int *versions)
{
	for(int i = 0; i < count; i++){
		if(versions[i] == 5) return 5;
	}
	return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *id, void **userdata, struct mosquitto_opt *options, int option_count)
{
	(void)userdata;
	(void)options;
	(void)option_count;
	return mosquitto_callback_register(id, ACL_CHECK, on_acl_check, NULL, NULL);
}

int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
	(void)userdata;
	(void)options;
	(void)option_count;
	for(int i = 0; i < BUCKETS; i++){
		for(struct device *device = devices[i], *next; device; device = next){
			next = device->next;
			for(int n = 0; n < device->filters.count; n++) free(device->filters.known[n]);
			for(int n = 0; n < device->retained.count; n++) free(device->retained.known[n]);
			free(device->filters.known);
			free(device->retained.known);
			free(device);
		}
		devices[i] = NULL;
	}
	return SUCCESS;
}
